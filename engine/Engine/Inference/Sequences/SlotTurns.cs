using System.Runtime.CompilerServices;
using Engine.Core.Memory;
using Engine.Core.Rings;

namespace Engine.Inference.Sequences;

/// <summary>
/// Whose turn it is at each slot: the predicting thread's or the background's. Neither touches a slot that is the other's.
/// </summary>
/// <remarks>
/// A slot's turn is one word, alone on its cache lines. P is the predicting thread, B the one of the background:
/// <code>
///                  P gives                B begins
///   Here ─────────────────────▶ Given ─────────────────▶ AtWork ──── B is done ────▶ Here
///    ▲                         │     ▲                   │     │
///    │            P takes back │     │ P gives again     │     │ P wants it
///    │   B sees it             ▼     │       B leaves it │     ▼
///    └─────────────────────── TakenBack ◀────────────────│── Wanted ──── B is done ────▶ Here
///                                                 Given ◀┘     (B leaves it: TakenBack)
/// </code>
/// Here and TakenBack are P's turn. From Given on until it sees the slot Here, B has it in its queues: so P tells B of a slot only
/// where it gives one that was Here, and B never has to be told of more slots than there are.
/// Every step is a compare-and-exchange or a store-release, every look a load-acquire: what one wrote before it gave a turn away, the
/// other sees after it has it. P waits only while B is at a piece of work on that very slot, and gets the turn after that piece.
/// </remarks>
internal sealed class SlotTurns : IDisposable
{
    private const int Here = 0;
    private const int Given = 1;
    private const int AtWork = 2;
    private const int TakenBack = 3;
    private const int Wanted = 4;

    // 128 bytes apart.
    private const int Stride = 32;

    private readonly NativeBuffer<int> _turns;
    private int _halted;

    /// <param name="slots">Slots; all are the predicting thread's.</param>
    public SlotTurns(int slots)
    {
        _turns = new NativeBuffer<int>(checked(slots * Stride));
        _turns.Span.Clear();
    }

    /// <summary>P gives its turn away.</summary>
    /// <returns>Whether B must be told: it does not have the slot in its queues.</returns>
    public bool Give(int slot)
    {
        ref int turn = ref Turn(slot);
        if (Interlocked.CompareExchange(ref turn, Given, TakenBack) == TakenBack)
        {
            return false;
        }

        Volatile.Write(ref turn, Given);
        return true;
    }

    /// <summary>P makes it its turn.</summary>
    /// <returns>Whether it had to wait.</returns>
    /// <exception cref="RingHaltedException">Halted while it waited.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Take(int slot)
    {
        int turn = Volatile.Read(ref Turn(slot));
        return turn is not (Here or TakenBack) && TakeBack(slot);
    }

    /// <summary>B makes it its turn; false where P has taken it back.</summary>
    public bool TryBegin(int slot) => Interlocked.CompareExchange(ref Turn(slot), AtWork, Given) == Given;

    /// <summary>B has seen that P took it back, and forgets the slot; false where P has given it again meanwhile.</summary>
    public bool TryForget(int slot) => Interlocked.CompareExchange(ref Turn(slot), Here, TakenBack) == TakenBack;

    /// <summary>B gives its turn back.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="isMore">Whether anything is left to do there: then B keeps the slot in its queues.</param>
    public void Leave(int slot, bool isMore)
    {
        ref int turn = ref Turn(slot);
        if (!isMore)
        {
            Volatile.Write(ref turn, Here);
        }
        else if (Interlocked.CompareExchange(ref turn, Given, AtWork) != AtWork)
        {
            Volatile.Write(ref turn, TakenBack);                        // it was Wanted
        }
    }

    /// <summary>Makes P throw where it waits: nobody will give the turn back. Any thread.</summary>
    public void Halt() => Volatile.Write(ref _halted, 1);

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeBack(int slot)
    {
        // Bounded by one piece of B's work, or by Halt.
        ref int turn = ref Turn(slot);
        bool hasWaited = false;
        YieldingWait wait = default;
        for (int attempt = 0; ; attempt += attempt == int.MaxValue ? 0 : 1)
        {
            switch (Volatile.Read(ref turn))
            {
                case Given when Interlocked.CompareExchange(ref turn, TakenBack, Given) == Given:
                case Here or TakenBack:
                    return hasWaited;
                case AtWork:
                    Interlocked.CompareExchange(ref turn, Wanted, AtWork);
                    hasWaited = true;
                    break;
                case Wanted when Volatile.Read(ref _halted) != 0:
                    throw new RingHaltedException("The background work was halted while a prediction waited for it.");
                case Wanted:
                    wait.Idle(attempt);
                    break;
            }
        }
    }

    private ref int Turn(int slot) => ref _turns[slot * Stride];
}
