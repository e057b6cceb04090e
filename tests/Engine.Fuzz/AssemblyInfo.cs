using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Engine.Feeds.Tests")]
