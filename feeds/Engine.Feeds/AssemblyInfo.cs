using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Engine.Feeds.Tests")]
[assembly: InternalsVisibleTo("Engine.Bench")]
[assembly: InternalsVisibleTo("Engine.Fuzz")]
