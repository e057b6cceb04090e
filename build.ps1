#!/usr/bin/env pwsh
# A thin dispatcher: each verb is one documented dotnet command, which works without this script too.
param(
    [ValidateSet('build', 'test', 'publish', 'bench', 'latency', 'samples', 'replay')]
    [string] $Verb = 'build',
    [ValidateSet('native', 'avx2', 'avx512')]
    [string] $Cpu = 'native'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
switch ($Verb) {
    'build' { dotnet build -c Release Engine.sln }
    'test' { dotnet test -c Release Engine.sln }
    'publish' { dotnet publish engine/Engine.Host -c Release -p:EngineAot=true "-p:EngineCpu=$Cpu" -o "artifacts/$Cpu" }
    'bench' { dotnet run -c Release --project bench/Engine.Bench -- --filter '*' }
    'latency' { dotnet run -c Release --project bench/Engine.Latency -- all }
    'samples' { dotnet run -c Release --project tools/Engine.Lab -- samples --train -f }
    'replay' { dotnet run -c Release --project engine/Engine.Host -- replay tools/samples/market.pcap.gz --model tools/samples/silo.onnx }
}
exit $LASTEXITCODE
