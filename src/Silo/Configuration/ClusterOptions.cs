namespace Orleans.Configuration;

/// <summary>The cluster's names.</summary>
public class ClusterOptions
{
    internal const string DevelopmentServiceId = "dev";
    internal const string DevelopmentClusterId = "dev";

    /// <summary>Names this deployment of the cluster.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>Names the service across its deployments: stored state belongs to it.</summary>
    public string ServiceId { get; set; } = "default";
}
