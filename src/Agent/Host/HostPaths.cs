namespace Fleet.Agent.Host;

/// <summary>Where the kernel's and the host's files are. Tests point it at recorded trees.</summary>
internal sealed record HostPaths(string ProcRoot = "/proc", string SysRoot = "/sys", string EtcRoot = "/etc", string RunRoot = "/run")
{
    public string Proc(string relative) => Path.Join(ProcRoot, relative);

    public string Sys(string relative) => Path.Join(SysRoot, relative);

    public string Etc(string relative) => Path.Join(EtcRoot, relative);

    public string Run(string relative) => Path.Join(RunRoot, relative);
}
