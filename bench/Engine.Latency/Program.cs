using Engine.Latency.Rings;
using Engine.Latency.Stages;
using Engine.Latency.Trees;

switch (args.Length > 0 ? args[0] : "")
{
    case "ring":
        return RingCommand.Run(args[1..], Console.Out);
    case "stages":
        return StagesCommand.Run(args[1..], Console.Out);
    case "trees":
        return TreesCommand.Run(args[1..], Console.Out);
    case "all":
        return Math.Max(Math.Max(RingCommand.Run([], Console.Out), StagesCommand.Run([], Console.Out)), TreesCommand.Run([], Console.Out));
    default:
        Console.Error.WriteLine("usage: Engine.Latency all | ring [--events N] [--rounds N] [--size N] [--pairs all|first] | stages [--messages N] [--instruments N] [--model FILE] | trees [--trees N] [--depth N] [--features N] [--rows N]");
        return 2;
}
