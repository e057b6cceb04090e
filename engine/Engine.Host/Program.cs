using Engine.Host;

return CommandLine.Run(args);
