using Fleet.Cli.Actions;
using Fleet.Cli.CommandLine;
using Fleet.Cli.ProcessEnvironment;
using Fleet.Protocol.Certificates;

// Throws if this program does not know every action of the protocol.
_ = ActionText.All;
SystemAuthorities.LeaveOut();
return await FleetCommandLine.RunAsync(args, CliEnvironment.OfThisProcess(), CancellationToken.None);
