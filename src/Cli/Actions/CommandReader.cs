using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary>Reads a program and its arguments: the action <c>command</c>, or a command that runs before or after a snapshot.</summary>
internal static class CommandReader
{
    public static CommandAction Read(YamlMapping yaml)
    {
        var command = new CommandAction
        {
            Program = yaml.RequiredString("program"),
            WorkingDirectory = yaml.String("working_directory") ?? "",
        };
        command.Arguments.Add(yaml.Strings("arguments"));
        foreach (var (key, value) in yaml.StringMap("environment"))
        {
            command.Environment[key] = value;
        }

        command.SuccessExitCodes.Add(yaml.Integers("success_exit_codes", 0, 255).Select(c => (int)c));
        yaml.RefuseUnknown();
        return command;
    }
}
