namespace Engine.Features.Contracts;

/// <summary>A contract that cannot be had: its message says what, where, and what to do.</summary>
public sealed class ContractException(string message) : Exception(message);
