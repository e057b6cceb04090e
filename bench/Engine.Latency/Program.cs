using Engine.Latency.Books;
using Engine.Latency.Features;
using Engine.Latency.Rings;
using Engine.Latency.Sequences;
using Engine.Latency.Silos;
using Engine.Latency.Stages;
using Engine.Latency.Training;
using Engine.Latency.Trees;

switch (args.Length > 0 ? args[0] : "")
{
    case "ring":
        return RingCommand.Run(args[1..], Console.Out);
    case "stages":
        return StagesCommand.Run(args[1..], Console.Out);
    case "books":
        return BooksCommand.Run(args[1..], Console.Out);
    case "families":
        return FamiliesCommand.Run(args[1..], Console.Out);
    case "normaliser":
        return NormaliserCommand.Run(args[1..], Console.Out);
    case "memory":
        return MemoryCommand.Run(args[1..], Console.Out);
    case "silo":
        return SiloCommand.Run(args[1..], Console.Out);
    case "lstm":
        return LstmCommand.Run(args[1..], Console.Out);
    case "trees":
        return TreesCommand.Run(args[1..], Console.Out);
    case "train":
        return TrainCommand.Run(args[1..], Console.Out);
    case "all":
        return new[] { RingCommand.Run([], Console.Out), StagesCommand.Run([], Console.Out), SiloCommand.Run([], Console.Out), LstmCommand.Run([], Console.Out), TreesCommand.Run([], Console.Out) }.Max();
    default:
        Console.Error.WriteLine("usage: Engine.Latency all | ring [--events N] [--rounds N] [--size N] [--pairs all|first] | stages [--messages N] [--instruments N] [--model FILE] | books --capture FILE [--rounds N] | families [--messages N] [--instruments N] | normaliser [--rows N] [--model FILE] [--capture FILE] | memory [--events N] | silo [--rows N] [--instruments N] [--model FILE] [--capture FILE] | lstm [--ticks N] [--steps N] [--features N] [--units N] [--layers N] | trees [--trees N] [--depth N] [--features N] [--rows N] | train [--round-ms N] [--kernels all|best] [--python FILE] | train --backend opencl|cuda [--batches N,N,...] [--models N,N,...] [--seconds S] [--rounds N] [--python FILE] [--small]");
        return 2;
}
