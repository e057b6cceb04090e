using Engine.Latency.Rings;

if (args.Length > 0 && args[0] == "ring")
{
    return RingCommand.Run(args[1..], Console.Out);
}

Console.Error.WriteLine("usage: Engine.Latency ring [--events N] [--rounds N] [--size N] [--pairs all|first]");
return 2;
