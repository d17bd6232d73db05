using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Hosting;

await CoordinatorApp.Build(new CoordinatorOptions()).RunAsync();
return 0;
