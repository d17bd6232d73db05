using Google.Protobuf.WellKnownTypes;

namespace Fleet.Actions;

/// <summary>What is asked of an action, whatever its kind.</summary>
public static class ActionExtensions
{
    extension(ActionMessage action)
    {
        /// <summary>It only says what it would do, and so protects nothing.</summary>
        public bool IsDryRun => ActionKinds.Of(action)?.IsDryRun(action) ?? false;

        /// <summary>Makes it one that only says what it would do. Ask <see cref="ActionKind.HasDryRun"/> before.</summary>
        public void MakeDryRun() => Kind(action).MakeDryRun(action);

        /// <summary>Answers what an earlier run asked. Ask <see cref="ActionKind.Confirms"/> before.</summary>
        public void Confirm(string confirmation) => Kind(action).Confirm(action, confirmation);

        /// <summary>Lets a dry run plan for another time. Ask <see cref="ActionKind.AssumesTime"/> before.</summary>
        public void AssumeTime(Timestamp now) => Kind(action).AssumeTime(action, now);
    }

    private static ActionKind Kind(ActionMessage action) =>
        ActionKinds.Of(action) ?? throw new ArgumentException($"the action {action.KindCase} is not known", nameof(action));
}
