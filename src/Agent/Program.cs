return await Fleet.Agent.Verbs.RunAsync(args);
