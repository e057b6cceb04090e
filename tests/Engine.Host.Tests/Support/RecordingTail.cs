using System.Text;

namespace Engine.Host.Tests.Support;

/// <summary>Follows the text of a BitMEX session while it is written, and counts its lines in the plainest way.</summary>
internal sealed class RecordingTail(string path)
{
    private readonly StringBuilder _rest = new();
    private long _read;

    /// <summary>Connections that opened.</summary>
    public int Opened { get; private set; }

    /// <summary>Connections lost or not had.</summary>
    public int Closed { get; private set; }

    /// <summary>Refusals.</summary>
    public int Refused { get; private set; }

    /// <summary>Books that the program asked for again.</summary>
    public int AskedAgain { get; private set; }

    /// <summary>Messages of tables.</summary>
    public long TableMessages { get; private set; }

    /// <summary>Partials of the last connection.</summary>
    public int PartialsSinceOpened { get; private set; }

    /// <summary>Reads what has been written since the last call.</summary>
    public void ReadOn()
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = _read;
        byte[] bytes = new byte[file.Length - _read];
        file.ReadExactly(bytes);
        _read += bytes.Length;
        _rest.Append(Encoding.ASCII.GetString(bytes));
        string text = _rest.ToString();
        int end = text.LastIndexOf('\n');
        _rest.Remove(0, end + 1);
        foreach (string line in text[..(end + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Take(line);
        }
    }

    private void Take(string line)
    {
        if (line.Contains(" <-> ", StringComparison.Ordinal))
        {
            Opened++;
            PartialsSinceOpened = 0;
        }
        else if (line.Contains(" <!> ", StringComparison.Ordinal))
        {
            Refused += line.StartsWith("http", StringComparison.Ordinal) ? 1 : 0;
            Closed += line.StartsWith("ws", StringComparison.Ordinal) ? 1 : 0;
        }
        else if (line.Contains(" <- ", StringComparison.Ordinal))
        {
            AskedAgain += line.Contains("\"unsubscribe\"", StringComparison.Ordinal) ? 1 : 0;
        }
        else if (line.Contains(": {\"table\":", StringComparison.Ordinal))
        {
            TableMessages++;
            PartialsSinceOpened += line.Contains("\"action\":\"partial\"", StringComparison.Ordinal) ? 1 : 0;
        }
    }
}
