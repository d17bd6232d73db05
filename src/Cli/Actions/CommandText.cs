using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>command</c>.</summary>
internal sealed class CommandText()
    : PolicyActionText<CommandAction>(ActionCase.Command, static action => action.Command, static message => new() { Command = message })
{
    protected override string Words(CommandAction command) =>
        $"command: {command.Program} {string.Join(' ', command.Arguments)}".TrimEnd();

    protected override CommandAction Read(YamlMapping yaml) => CommandReader.Read(yaml);
}
