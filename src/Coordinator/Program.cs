using Fleet.Coordinator.Hosting;

return await CoordinatorCommand.RunAsync(args);
