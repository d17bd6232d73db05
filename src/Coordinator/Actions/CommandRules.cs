using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Runs a program on the host.</summary>
internal sealed class CommandRules() : ActionRules<CommandAction>(ActionCase.Command, static action => action.Command)
{
    protected override void Validate(CommandAction command, string path, ActionFindings findings)
    {
        findings.CheckCommand(command, path);
    }
}
