using System.Reflection;

namespace Fleet.Agent;

/// <summary>The release of this program.</summary>
internal static class AgentVersion
{
    /// <summary>For example "0.1.0".</summary>
    public static string Text { get; } =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0";
}
