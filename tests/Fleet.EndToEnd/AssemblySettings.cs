using Fleet.EndToEnd.Machines;
using Xunit.Sdk;
using Xunit.v3;

// One estate for all, and one story at a time.
[assembly: AssemblyFixture(typeof(Estate))]
[assembly: Parallelization(Mode = ParallelMode.None)]
