using Fleet.Coordinator.Actions;
using Fleet.Coordinator.Hosting;

// Ends the program if it does not know every action of the protocol.
_ = ActionRules.All;
return await CoordinatorCommand.RunAsync(args);
