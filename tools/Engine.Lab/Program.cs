return Engine.Lab.LabCommandLine.Run(args, Console.Out, Console.Error);
