using Fleet.EndToEnd.Machines;

// One estate for all, and one story at a time.
[assembly: AssemblyFixture(typeof(Estate))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
