using Fleet.Coordinator.Actions;
using Fleet.Coordinator.Hosting;

// Throws if this program does not know every action of the protocol.
_ = ActionRules.All;
return await CoordinatorCommand.RunAsync(args);
