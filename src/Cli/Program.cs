using Fleet.Cli.CommandLine;

return await FleetCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
