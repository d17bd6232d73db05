namespace Fleet.Coordinator.Configuration;

/// <summary>Where the configuration was read from, and is read again.</summary>
internal sealed record ConfigurationLocation(string Path);
