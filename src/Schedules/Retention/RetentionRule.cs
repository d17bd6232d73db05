namespace Fleet.Schedules.Retention;

/// <summary>What keeps or destroys a copy. The words for machines are in <see cref="RetentionReason.Code"/>.</summary>
public enum RetentionRule
{
    /// <summary>Keeps: among the newest N.</summary>
    Last,

    /// <summary>Keeps: the newest of its hour.</summary>
    Hourly,

    /// <summary>Keeps: the newest of its day.</summary>
    Daily,

    /// <summary>Keeps: the newest of its ISO week.</summary>
    Weekly,

    /// <summary>Keeps: the newest of its month.</summary>
    Monthly,

    /// <summary>Keeps: the newest of its year.</summary>
    Yearly,

    /// <summary>Keeps: not much older than the newest.</summary>
    Within,

    /// <summary>Keeps: a person protected it.</summary>
    Protected,

    /// <summary>Keeps: the host holds it.</summary>
    Held,

    /// <summary>Keeps: a replica needs it.</summary>
    ReplicationBase,

    /// <summary>Keeps: a clone depends on it.</summary>
    Cloned,

    /// <summary>Keeps: the newest good one, or the one that was made last.</summary>
    Newest,

    /// <summary>Keeps: the policy's floor.</summary>
    Floor,

    /// <summary>Keeps: the floor of the host's guard file.</summary>
    GuardFloor,

    /// <summary>Keeps: younger than the host's guard file lets go.</summary>
    GuardAge,

    /// <summary>Keeps: dated in the future.</summary>
    Future,

    /// <summary>Keeps: incomplete, and newer than the newest good one.</summary>
    Incomplete,

    /// <summary>Keeps: the policy has no rule.</summary>
    NoRules,

    /// <summary>Keeps: the clock can't be trusted.</summary>
    Clock,

    /// <summary>Destroys: no rule keeps it.</summary>
    Unkept,

    /// <summary>Destroys: incomplete, and there is a newer good one.</summary>
    Superseded,
}
