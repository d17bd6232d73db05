using Fleet.Cli.CommandLine;
using Fleet.Protocol.Certificates;

SystemAuthorities.LeaveOut();
return await FleetCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
