namespace Engine.Simulator.Live;

/// <summary>How a SoupBinTCP server behaves.</summary>
public sealed record SoupBinOptions
{
    /// <summary>User that may log in; case does not matter.</summary>
    public string User { get; init; } = "engine";

    /// <summary>Its password; case does not matter.</summary>
    public string Password { get; init; } = "engine";

    /// <summary>Silence after which a heartbeat goes out.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence of the client after which it is taken for dead.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Text of a debug packet behind every acceptance; null for none.</summary>
    public string? Debug { get; init; }

    /// <summary>Sequenced messages after which the connection is cut without a word; null for never.</summary>
    public long? CutAfter { get; init; }

    /// <summary>How long the server waits, sending heartbeats, before its last sequenced message.</summary>
    public TimeSpan PauseBeforeLast { get; init; }

    /// <summary>What is wrong with the options; null when nothing is.</summary>
    public string? Problem()
    {
        if (User.Length is 0 or > SoupBinTcp.UserLength || Password.Length is 0 or > SoupBinTcp.PasswordLength)
        {
            return $"user '{User}' or its password do not fit SoupBinTCP; use 1 to {SoupBinTcp.UserLength} " +
                $"and 1 to {SoupBinTcp.PasswordLength} characters";
        }

        return Heartbeat <= TimeSpan.Zero || Timeout <= Heartbeat
            ? $"a heartbeat of {Heartbeat} and a time-out of {Timeout} do not go together; make the time-out the longer one"
            : null;
    }
}

/// <summary>What a SoupBinTCP server has done.</summary>
public record struct SoupBinCounts
{
    /// <summary>Connections taken.</summary>
    public long Connections { get; set; }

    /// <summary>Connections refused because too many were open.</summary>
    public long Refused { get; set; }

    /// <summary>Logins accepted.</summary>
    public long Accepted { get; set; }

    /// <summary>Logins rejected for their user, password or session.</summary>
    public long Rejected { get; set; }

    /// <summary>Connections closed for a packet that makes no sense.</summary>
    public long Malformed { get; set; }

    /// <summary>Connections closed because the client was silent, or took nothing.</summary>
    public long Timeouts { get; set; }

    /// <summary>Clients that logged out.</summary>
    public long Logouts { get; set; }

    /// <summary>Clients that left without a word.</summary>
    public long Lost { get; set; }

    /// <summary>Connections cut on purpose.</summary>
    public long Cut { get; set; }

    /// <summary>Sequenced messages sent.</summary>
    public long Messages { get; set; }
}
