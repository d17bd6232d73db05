using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>One policy of a file: what it says, and where.</summary>
internal sealed record PolicyDocument(PolicySpec Spec, YamlMapping Source);
