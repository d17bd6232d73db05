namespace Fleet.Cli.CommandLine;

/// <summary>
/// All habits from other tools, in one table. It is applied only to the words before the first option, never to those after <c>--</c>.
/// A command of our own comes before a habit that would match it.
/// </summary>
internal static class Habits
{
    private const string Show = "get|show|describe|inspect";
    private const string ListWords = "get|list|ls|show";
    private const string Host = "host|hosts|node|nodes|machine|machines|agent|agents";
    private const string Policy = "policy|policies";
    private const string Runs = "run|runs|job|jobs";
    private const string Remove = "delete|remove|rm|del";
    private const string Make = "create|add|new";

    public static readonly IReadOnlyList<Habit> All =
    [
        // Our own commands, which must not be taken for names.
        Habit.Becomes("runs show", "runs show"),
        Habit.Becomes("policies show", "policies show"),

        // Lists.
        Habit.Becomes($"{ListWords} {Host}", "hosts"),
        Habit.Becomes("host|hosts list|ls", "hosts"),
        Habit.Becomes("node|nodes|machines|agents", "hosts"),
        Habit.Becomes($"{ListWords} {Policy}", "policies"),
        Habit.Becomes($"{Policy} list|ls", "policies"),
        Habit.Becomes($"{ListWords} {Runs}", "runs"),
        Habit.Becomes("run|runs list|ls", "runs"),
        Habit.Becomes("ps|jobs|history", "runs"),
        Habit.Becomes($"{ListWords} snapshot|snapshots", "snapshots"),
        Habit.Becomes("snapshot|snapshots list|ls", "snapshots"),
        Habit.Becomes($"{ListWords} event|events", "events"),
        Habit.Becomes("event|events list|ls", "events"),
        Habit.Becomes($"{ListWords} token|tokens", "token list"),
        Habit.Becomes("tokens", "token list"),
        Habit.Becomes("tokens list|ls", "token list"),
        Habit.Becomes("token ls", "token list"),
        Habit.Becomes($"{ListWords} operator|operators|user|users", "operator list"),
        Habit.Becomes("operators|users", "operator list"),
        Habit.Becomes("operators list|ls", "operator list"),
        Habit.Becomes("operator ls", "operator list"),
        Habit.Becomes("get|show status", "status"),
        Habit.Becomes("info|health", "status"),

        // Things that are done another way.
        Habit.Says($"host|hosts {Make}|enroll|enrol|join", HowHostsJoin),
        Habit.Says($"host|hosts {Make}|enroll|enrol|join *", HowHostsJoin),
        Habit.Says($"{Make} host|hosts|node", HowHostsJoin),
        Habit.Says($"{Make} host|hosts|node *", HowHostsJoin),
        Habit.Says("enroll|enrol|join|adopt|register", HowHostsJoin),
        Habit.Says("enroll|enrol|join|adopt|register *", HowHostsJoin),
        Habit.Says($"{Make}|edit {Policy}", HowPoliciesChange),
        Habit.Says($"{Make}|edit {Policy} *", HowPoliciesChange),
        Habit.Says($"{Policy} {Make}|edit|set|update|apply", HowPoliciesChange),
        Habit.Says($"{Policy} {Make}|edit|set|update|apply *", HowPoliciesChange),
        Habit.Says("pause|resume|suspend|enable|disable *", HowPoliciesPause),
        Habit.Says($"{Policy} pause|resume|suspend|enable|disable *", HowPoliciesPause),
        Habit.Says($"snapshot|snapshots {Remove} *", HowSnapshotsGo),
        Habit.Says($"{Remove} snapshot|snapshots *", HowSnapshotsGo),
        Habit.Says("login|logout|config|context", HowOneIsKnown),
        Habit.Says("login|logout|config|context *", HowOneIsKnown),
        Habit.Says("get|list|ls", WhatLists),
        Habit.Says("watch", "fleet events -f follows what happens, fleet top the load, fleet logs -f RUN one run"),

        // One thing.
        Habit.Becomes($"{Show} host|hosts|node|nodes *", "host *"),
        Habit.Becomes($"host|hosts {Show} *", "host *"),
        Habit.Becomes("hosts *", "host *"),
        Habit.Becomes($"{Show} {Policy} *", "policy *"),
        Habit.Becomes($"policy {Show} *", "policy *"),
        Habit.Becomes("policies get|describe|inspect *", "policy *"),
        Habit.Becomes("policies *", "policy *"),
        Habit.Becomes($"{Show} run|runs|job *", "run show *"),
        Habit.Becomes("run|runs get|describe|inspect *", "run show *"),
        Habit.Becomes("runs *", "run show *"),
        Habit.Becomes("log *", "logs *"),
        Habit.Becomes("run|runs log|logs *", "logs *"),
        Habit.Becomes("log|logs run *", "logs *"),
        Habit.Becomes($"{Show} storage *", "storage *"),

        Habit.Becomes("status *", "host *"),
        Habit.Becomes("restore list|ls", "snapshots"),

        // What changes something.
        Habit.Becomes("apply *", "apply --file *"),
        Habit.Becomes($"{Remove} {Policy} *", "delete *"),
        Habit.Becomes($"{Policy} {Remove} *", "delete *"),
        Habit.Becomes($"{Remove} host|hosts|node|nodes *", "host remove *"),
        Habit.Becomes("host delete|rm|del *", "host remove *"),
        Habit.Becomes($"hosts {Remove} *", "host remove *"),
        Habit.Becomes($"{Remove} token *", "token revoke *"),
        Habit.Becomes($"token {Remove} *", "token revoke *"),
        Habit.Becomes($"{Remove} operator|user *", "operator remove *"),
        Habit.Becomes("operator delete|rm|del *", "operator remove *"),
        Habit.Becomes($"{Make} token", "token create"),
        Habit.Becomes("token add|new", "token create"),
        Habit.Becomes($"{Make} operator|user *", "operator create *"),
        Habit.Becomes("operator add|new *", "operator create *"),
        Habit.Becomes("create snapshot *", "snapshot *"),
        Habit.Becomes("snapshot create *", "snapshot *"),
        Habit.Becomes("start|trigger *", "run *"),
        Habit.Becomes("run start *", "run *"),
        Habit.Becomes($"{Policy} run|start *", "run *"),
        Habit.Becomes("stop|kill|abort *", "cancel *"),
        Habit.Becomes("cancel|stop|kill run *", "cancel *"),
        Habit.Becomes("run|runs cancel|stop|kill *", "cancel *"),
        Habit.Becomes("watch events", "events --follow"),

        // Whatever no line above matches.
        Habit.Says("get|list|ls|describe *", WhatLists),
        Habit.Says("remove|rm|del *", HowThingsGo),
        Habit.Says("update|upgrade", HowFleetIsUpgraded),
        Habit.Says("restart|reload|start|stop", HowServicesAreControlled),
        Habit.Says("ssh|exec|shell *", HowHostsAreReached),
    ];

    private const string WhatLists = "fleet hosts, fleet policies, fleet runs, fleet snapshots and fleet events list them";
    private const string HowThingsGo = "fleet delete POLICY deletes a policy, fleet host remove HOST a host, fleet token revoke TOKEN "
        + "a token";
    private const string HowFleetIsUpgraded = "Fleet comes as Debian packages: apt upgrades them on each machine; fleet version and fleet "
        + "hosts show the versions in use";
    private const string HowServicesAreControlled = "systemd controls the services on their machines: systemctl restart fleet-agent, or "
        + "fleet-coordinator; for runs: fleet run POLICY, fleet cancel RUN";
    private const string HowHostsAreReached = "Fleet opens no shell on a host; a policy with command runs programs that the host's guard "
        + "file lists";
    private const string HowOneIsKnown =
        "there is no login: the credential file says who you are; see fleet --help, --credential, and fleet whoami";

    private const string HowHostsJoin =
        "a host enrols itself: create a token with fleet token create, then, on the host: fleet-agent enroll ADDRESS TOKEN";
    private const string HowPoliciesChange =
        "policies are written in YAML and applied: fleet apply -f FILE; docs/policies.md lists every field";
    private const string HowPoliciesPause = "write paused: true (or false) into the policy's file, then: fleet apply -f FILE";
    private const string HowSnapshotsGo =
        "retention removes snapshots: a policy with zfs_prune or lvm_prune; destroy a single one on its host, with zfs destroy or lvremove";

    /// <summary>Words before the first option, as our command has them; null: no habit takes them.</summary>
    public static Habit? Find(IReadOnlyList<string> words) => All.FirstOrDefault(h => h.Matches(words));
}
