using System.Text.Json.Serialization;

namespace Fleet.Agent.Actions.Rsync.Versions;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(VersionRecord))]
internal sealed partial class VersionRecordJson : JsonSerializerContext;
