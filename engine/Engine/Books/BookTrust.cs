namespace Engine.Books;

/// <summary>Whether a book can be believed. Flows into the health features and into every logged prediction.</summary>
public enum BookTrust : byte
{
    /// <summary>Seen from the start of the session without a loss.</summary>
    Good = 0,

    /// <summary>Joined in the middle: orders from before are missing until the book has rebuilt.</summary>
    Recovering = 1,

    /// <summary>Messages were lost, an event contradicted the book, or a limit was reached.</summary>
    Suspect = 2,
}
