using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Children;

/// <summary>The program fleet-agent, as it was built with these tests.</summary>
internal static class AgentProgram
{
    /// <summary>Its own folder: what this test program brings along would not all be the agent's.</summary>
    public static string Folder { get; } =
        Path.GetFullPath(Path.Join(AppContext.BaseDirectory, "../../Fleet.Agent", new DirectoryInfo(AppContext.BaseDirectory).Name));

    /// <summary>A request that starts it.</summary>
    public static ToolRequest Request(params ReadOnlySpan<string> arguments)
    {
        List<ToolArgument> list = [];
        foreach (var argument in arguments)
        {
            list.Add(argument);
        }

        return new ToolRequest
        {
            Program = Path.Join(Folder, "fleet-agent"),
            Arguments = list,
            Environment = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root
                ? new Dictionary<string, string> { ["DOTNET_ROOT"] = root }
                : [],
            Grace = TimeSpan.FromSeconds(30),
        };
    }
}
