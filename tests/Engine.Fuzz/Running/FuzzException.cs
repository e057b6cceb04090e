namespace Engine.Fuzz.Running;

/// <summary>A case that does what it must not.</summary>
/// <param name="what">In words.</param>
internal sealed class FuzzException(string what) : Exception(what);
