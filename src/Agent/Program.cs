using Fleet.Actions;

// Ends the program if it does not know every action of the protocol.
_ = ActionKinds.All;
return await Fleet.Agent.Verbs.RunAsync(args);
