using Fleet.Agent.Native;

namespace Fleet.Agent.Runs;

/// <summary>What runs take from the configuration and the enrolment; replaced while running.</summary>
internal sealed class RunSettings
{
    public int MaxConcurrent { get; set; } = 2;

    public ToolPriority Priority { get; set; } = ToolPriority.Normal;

    public string HostId { get; set; } = "";

    public string HostName { get; set; } = "";

    /// <summary>As <see cref="Enrolment.HostIdentity.FleetId"/>.</summary>
    public string FleetId { get; set; } = "";
}
