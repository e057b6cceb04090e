namespace Engine.Tidy.Tests.CSharp;

/// <summary>What a declaration declares, as far as the checks care.</summary>
internal enum DeclarationKind
{
    /// <summary>A block-scoped or file-scoped namespace.</summary>
    Namespace,

    /// <summary>A class, struct or record.</summary>
    Type,

    /// <summary>An interface: its members are public unless they say otherwise.</summary>
    Interface,

    /// <summary>An enum: its members are public.</summary>
    Enum,

    /// <summary>A method, property, field, event, operator, delegate or enum member.</summary>
    Member,
}

/// <summary>A declaration outside method bodies.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name of a namespace or type; the head's text for a member.</param>
/// <param name="Line">1-based line of its first token, attributes included.</param>
/// <param name="InNamespace">Whether a namespace is around it.</param>
/// <param name="IsPublic">Whether it and all types around it are public.</param>
/// <param name="HasDocs">Whether a `///` comment stands directly above it, or between its attributes and it.</param>
internal sealed record Declaration(DeclarationKind Kind, string Name, int Line, bool InNamespace, bool IsPublic, bool HasDocs);
