using System.Globalization;
using Engine.Feeds;

namespace Engine.Host.Replay;

/// <summary>One line on stderr that is rewritten while a run goes on; only where stderr is a terminal.</summary>
internal sealed class ProgressLine : IDisposable
{
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly long _start = Environment.TickCount64;
    private bool _shown;

    /// <summary>Shows how far the source is. Its counters are read while another thread counts: a moment's view.</summary>
    public void Show(RunView view)
    {
        MarketDataSource source = view.Source;
        if (_terminal)
        {
            double seconds = (Environment.TickCount64 - _start) / 1e3;
            if (source is RowFileSource rows)
            {
                long done = rows.Rows + rows.PassedOver;
                Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{done,14:N0} rows    {(double)done / Math.Max(1, rows.FileRows),5:P0}  {seconds,6:F1} s "));
                _shown = true;
                return;
            }

            long total = source.Captures.Sum(c => c.ContentBytes);
            double share = total > 0 ? Math.Min(1, (double)source.Statistics.Bytes / total) : 0;
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{source.Statistics.Events,14:N0} events  {share,5:P0}  {seconds,6:F1} s "));
            _shown = true;
        }
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_shown)
        {
            Console.Error.Write("\r\u001b[K");
            _shown = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
