namespace Engine.Simulator.Market.Known;

/// <summary>How full a <see cref="QuoteLadder"/> is.</summary>
/// <param name="LeastTouchOrders">Orders that the best price of a side has at least.</param>
/// <param name="LeaningOrders">Further orders, each at the best bid or at the best ask.</param>
/// <param name="DeepOrders">Orders of a deeper level, about.</param>
internal readonly record struct LadderShape(int LeastTouchOrders, int LeaningOrders, int DeepOrders);
