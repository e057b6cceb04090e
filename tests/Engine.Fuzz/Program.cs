using Engine.Fuzz.Running;
using Engine.Fuzz.Targets;

FuzzOptions? options = FuzzOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine($"{FuzzOptions.Usage}\n  targets: {string.Join(", ", FuzzTargets.Names)}");
    return 2;
}

if (options.Position is null)
{
    return new FuzzSupervisor(options).Run();
}

using FuzzPosition position = new(options.Position);
return new FuzzWorker(options, position).Run();
