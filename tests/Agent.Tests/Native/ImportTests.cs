using System.Reflection;
using Fleet.Agent.Native;

namespace Fleet.Agent.Tests.Native;

public class ImportTests
{
    /// <summary>One place for what is written by hand, so that it is seen what a package could take over.</summary>
    [Fact]
    public void Imports_AreAllInNativeMethods()
    {
        const BindingFlags All =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var imports = typeof(NativeMethods)
            .Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(All))
            .Where(m => m.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            .ToList();
        Assert.NotEmpty(imports);
        Assert.All(imports, i => Assert.Equal(typeof(NativeMethods), i.DeclaringType));
    }
}
