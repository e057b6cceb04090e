namespace Engine.Training.Trees;

/// <summary>XGBoost cannot be had: a missing library (exit 2).</summary>
public sealed class XgboostUnavailableException : Exception
{
    /// <param name="message">What was looked for, and the next step.</param>
    public XgboostUnavailableException(string message)
        : base(message)
    {
    }
}

/// <summary>XGBoost refused something, or gave a model that trees of numbers cannot say.</summary>
public sealed class XgboostException : Exception
{
    /// <param name="message">What.</param>
    public XgboostException(string message)
        : base(message)
    {
    }
}
