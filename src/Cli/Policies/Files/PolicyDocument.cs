using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>One policy of a file: its content and its position.</summary>
internal sealed record PolicyDocument(PolicySpec Spec, YamlMapping Source);
