namespace Engine.Training.Devices;

/// <summary>A device, its library or its compiler refused; the message says what, where and what to do.</summary>
/// <param name="message">What, where and what to do.</param>
public sealed class DeviceException(string message) : Exception(message);
