using System.Runtime.InteropServices;

namespace Engine.Host;

/// <summary>Ctrl-C and SIGTERM ask the run to end cleanly; a second one ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    /// <summary>Listens from here on.</summary>
    public StopSignal()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Somebody wants the run to end.</summary>
    public bool IsSet => Volatile.Read(ref _signals) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext context) => context.Cancel = Interlocked.Increment(ref _signals) == 1;
}
