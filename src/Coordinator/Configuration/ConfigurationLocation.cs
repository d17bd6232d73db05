namespace Fleet.Coordinator.Configuration;

/// <summary>The file that the configuration was read from and is reloaded from.</summary>
internal sealed record ConfigurationLocation(string Path);
