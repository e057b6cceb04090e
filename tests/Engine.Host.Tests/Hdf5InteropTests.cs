using System.Globalization;
using System.Text.Json;
using Engine.Host.Tests.Support;

namespace Engine.Host.Tests;

/// <summary>HDF5 with others: h5py reads what the program writes, the program reads what h5py and PyTables wrote.</summary>
[TestFixtureSource(typeof(EngineBinary), nameof(EngineBinary.Forms))]
public class Hdf5InteropTests(EngineBinary engine) : EngineTests(engine)
{
    [Test]
    public void H5py_reads_feature_rows([Values("0", "6")] string deflate)
    {
        string path = Repository.NewPath(".h5");
        Assert.That(Binary.Run("features", SampleRuns.SmallCapture, "-o", path, "--deflate", deflate).ExitCode, Is.Zero);
        JsonElement file = H5Py.Run("""
            f = h5py.File(a[0], 'r')
            n = [s.decode() for s in f['feature_names'][:]]
            x = f['features'][:]
            s = f['symbols'][:]
            print(json.dumps({
                'hash': hashlib.sha256(f.attrs['contract_text']).hexdigest(), 'said': f.attrs['contract_hash'].decode(),
                'names': n, 'shape': x.shape, 'types': [str(f[d].dtype) for d in ('features', 'time', 'receive_time', 'instrument', 'trust', 'event', 'sequence', 'flags')],
                'families': [v.decode() for v in f.attrs['families']], 'windows': f.attrs['windows_ns'].tolist(),
                'configuration': json.loads(f.attrs['configuration']), 'end': f['end'][:].tolist(), 'chunk': f['features'].chunks[0] * f['features'].chunks[1] * 4,
                'deflate': f['features'].compression_opts or 0, 'time': f['time'][:].tolist(), 'symbol': [s[i].decode() for i in f['instrument'][:]],
                'second': [None if np.isnan(v) else float(v) for v in x[:, 1]]}))
            """, path);
        CsvTable csv = CsvTable.Of(Binary.Run("features", SampleRuns.SmallCapture));
        string[] names = csv.Header[3..];
        Assert.Multiple(() =>
        {
            Assert.That(file.GetProperty("hash").GetString(), Is.EqualTo(file.GetProperty("said").GetString()).And.EqualTo(SampleRuns.Small(Binary).Text("contract_hash")));
            Assert.That(Texts(file, "names"), Is.EqualTo(names));
            Assert.That(Numbers(file, "shape"), Is.EqualTo((long[])[csv.Rows.Length, names.Length]));
            Assert.That(Texts(file, "types"), Is.EqualTo((string[])["float32", "int64", "int64", "int32", "uint8", "int64", "uint64", "uint8"]));
            Assert.That(Texts(file, "families"), Has.Length.EqualTo(names.Length));
            Assert.That(Numbers(file, "windows"), Has.Length.EqualTo(names.Length));
            Assert.That(file.GetProperty("configuration").GetProperty("venue").GetString(), Is.EqualTo("auto"));
            Assert.That(Numbers(file, "end")[0], Is.EqualTo(csv.Rows.Length));
            Assert.That(file.GetProperty("chunk").GetInt64(), Is.InRange(64 << 10, 256 << 10));
            Assert.That(file.GetProperty("deflate").GetInt32().ToString(CultureInfo.InvariantCulture), Is.EqualTo(deflate));
            Assert.That(Texts(file, "symbol"), Is.EqualTo(csv.Column("symbol")));
            Assert.That(Numbers(file, "time").Select(t => t.ToString(CultureInfo.InvariantCulture)), Is.EqualTo(csv.Column("time_ns")));
            Assert.That(
                file.GetProperty("second").EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? "" : ((float)v.GetDouble()).ToString(CultureInfo.InvariantCulture)),
                Is.EqualTo(csv.Rows.Select(r => r[4])));
        });
    }

    [Test]
    public void H5py_reads_an_exported_prediction_log()
    {
        string path = Repository.NewPath(".h5");
        string log = SampleRuns.Small(Binary).LogPath;
        EngineRun export = Binary.Run("inspect", log, "-o", path, "--deflate", "3");
        Assert.That(export.ExitCode, Is.Zero, export.ToString);
        JsonElement file = H5Py.Run("""
            f = h5py.File(a[0], 'r')
            s = f['symbols'][:]
            print(json.dumps({'time': f['time'][:].tolist(), 'symbol': [s[i].decode() for i in f['instrument'][:]], 'prediction': f['prediction'][:].astype(float).tolist(),
                'digest': ['%016x' % v for v in f['row_digest'][:].tolist()], 'missing': f['missing'][:].tolist(), 'sequence': f['sequence'][:].tolist(), 'event': f['event'][:].tolist(),
                'flags': f['flags'][:].tolist(), 'complete': int(f.attrs['log_complete']), 'contract': json.loads(f.attrs['log_head'])['contract_hash']}))
            """, path);
        CsvTable csv = CsvTable.Of(Binary.Run("inspect", log, "--format", "csv"));
        Assert.Multiple(() =>
        {
            Assert.That(Texts(file, "symbol"), Is.EqualTo(csv.Column("symbol")));
            Assert.That(Texts(file, "digest"), Is.EqualTo(csv.Column("row_digest")));
            Assert.That(file.GetProperty("prediction").EnumerateArray().Select(v => ((float)v.GetDouble()).ToString(CultureInfo.InvariantCulture)), Is.EqualTo(csv.Column("prediction")));
            Assert.That(file.GetProperty("complete").GetInt32(), Is.EqualTo(1));
            Assert.That(file.GetProperty("contract").GetString(), Is.EqualTo(SampleRuns.Small(Binary).Text("contract_hash")));
            foreach ((string dataset, string column) in ((string, string)[])[("time", "time_ns"), ("missing", "missing"), ("sequence", "sequence"), ("event", "event"), ("flags", "flags")])
            {
                Assert.That(Numbers(file, dataset).Select(v => v.ToString(CultureInfo.InvariantCulture)), Is.EqualTo(csv.Column(column)), column);
            }
        });
    }

    [Test]
    public void The_program_reads_what_h5py_wrote([Values("earliest", "latest")] string version)
    {
        string path = Repository.NewPath(".hdf5");
        H5Py.Run("""
            f = h5py.File(a[0], 'w', libver=a[1])
            f.attrs['title'] = 'größer'
            f.attrs['list'] = [3, 1, 2]
            g = f.create_group('g/h')
            t = np.zeros(5, dtype=[('id', '<u8'), ('price', '>f8'), ('name', 'S4'), ('pair', '<i2', (2,))])
            t['id'] = [0, 1, 2**64 - 1, 3, 4]
            t['price'] = [1.5, float('nan'), -0.25, 1e300, 3]
            t['name'] = [b'a', b'', b'a,b', b'"', b'zzzz']
            t['pair'] = np.arange(10).reshape(5, 2) - 5
            g.create_dataset('table', data=t, chunks=(2,), compression='gzip', shuffle=True)
            g.create_dataset('grid', data=np.arange(6, dtype='>i4').reshape(3, 2))
            g.create_dataset('half', data=np.array([0.5, 2], dtype='<f2'))
            f.create_dataset('text', data=['eins', 'zwei', ''], dtype=h5py.string_dtype())
            f.create_dataset('one', data=7)
            f['soft'] = h5py.SoftLink('/g/h/grid')
            f['again'] = g['grid']
            print(1)
            """, path, version);
        EngineRun list = Binary.Run("inspect", path);
        Assert.That(list.ExitCode, Is.Zero, list.ToString);
        foreach (string words in (string[])["größer  (text utf-8)", "3, 1, 2  (int64 [3])", "/g/h ", "id: uint64, price: float64 big-endian, name: text[4], pair: int16[2]", "chunks [2], shuffle deflate 4", "a soft link to /g/h/grid"])
        {
            Assert.That(list.Output, Does.Contain(words));
        }

        Assert.That(Rows(path, "/g/h/table"), Is.EqualTo((string[])
            ["id,price,name,pair[0],pair[1]", "0,1.5,a,-5,-4", "1,,,-3,-2", "18446744073709551615,-0.25,\"a,b\",-1,0", "3,1E+300,\"\"\"\",1,2", "4,3,zzzz,3,4"]));
        Assert.That(Rows(path, "/g/h/grid"), Is.EqualTo((string[])["grid[0],grid[1]", "0,1", "2,3", "4,5"]));
        Assert.That(Rows(path, "/g/h/half"), Is.EqualTo((string[])["half", "0.5", "2"]));
        Assert.That(Rows(path, "/text"), Is.EqualTo((string[])["text", "eins", "zwei", ""]));
        Assert.That(Rows(path, "/one"), Is.EqualTo((string[])["one", "7"]));
        AssertRefused(Binary.Run("inspect", path, "--format", "csv"), "--dataset");
        AssertFault(Binary.Run("inspect", path, "--dataset", "/g/nothing", "--format", "csv"), 1, "/g/nothing");
        AssertFault(Binary.Run("replay", path, "--model", Repository.SampleModel), 1, path, "it holds no feature rows");
    }

    [Test]
    [Category("RealData")]
    public void Ticks_by_PyTables_are_read()
    {
        string path = Repository.RealData("hdf5/sh_trans.h5");
        string[] rows = Rows(path, "/data/SH600000");
        Assert.That(rows[0], Is.EqualTo("buyorsell,datetime,price,vol"));
        JsonElement expected = H5Py.Run(
            "t = h5py.File(a[0], 'r')['data/SH600000'][:]\nprint(json.dumps([','.join(str(r[n]) for n in t.dtype.names) for r in t]))", path);
        Assert.That(rows[1..], Is.EqualTo(expected.EnumerateArray().Select(r => r.GetString())).And.Length.EqualTo(6_223));
    }

    [TestCase("sh_time.h5", "/data/SH000001", 10_320)]
    [TestCase("sz_trans.h5", "/data/SZ000001", 8_884)]
    [TestCase("smpl_f64be.h5", "/TestArray", 6)]
    [TestCase("smpl_i64le.h5", "/TestArray", 6)]
    [TestCase("smpl_SDSextendible.h5", "/ExtendibleArray", 10)]
    [TestCase("smpl_compound_chunked.h5", "/CompoundChunked", 6)]
    [TestCase("compound_datasets_earliest.hdf5", "/chunked_compound", 4)]
    [TestCase("compound_datasets_latest.hdf5", "/nested_chunked_compound", 3)]
    [TestCase("fletcher32_datasets_latest.hdf5", "/float/float64", 7)]
    [TestCase("float_special_values_latest.hdf5", "/float16", 5)]
    [TestCase("chunked_v4_datasets.hdf5", "/extensible_array/int32", 5)]
    [TestCase("test_string_datasets_latest.hdf5", "/variable_length_utf8", 10)]
    [TestCase("test_compressed_chunked_datasets_earliest.hdf5", "/int/int16", 7)]
    [Category("RealData")]
    public void Files_of_others_are_read(string file, string dataset, int rows)
    {
        string path = Repository.RealData("hdf5/" + file);
        EngineRun list = Binary.Run("inspect", path);
        Assert.That(list.ExitCode, Is.Zero, list.ToString);
        Assert.That(list.Output, Does.Contain(dataset).And.Not.Contain("cannot be read"));
        Assert.That(Rows(path, dataset), Has.Length.EqualTo(rows + 1));
    }

    [TestCase("lz4_datasets.hdf5", "/float32_bs8", "lz4 (32004)")]
    [TestCase("test_compressed_chunked_datasets_latest.hdf5", "/int/int8lzf", "lzf (32000)")]
    [Category("RealData")]
    public void A_filter_that_the_library_lacks_is_refused_by_name(string file, string dataset, string words)
    {
        string path = Repository.RealData("hdf5/" + file);
        AssertRefused(Binary.Run("inspect", path, "--dataset", dataset, "--format", "csv"), path, dataset, words, "HDF5_PLUGIN_PATH");
    }

    private string[] Rows(string path, string dataset)
    {
        EngineRun run = Binary.Run("inspect", path, "--dataset", dataset, "--format", "csv");
        Assert.That(run.ExitCode, Is.Zero, run.ToString);
        return run.Output.TrimEnd('\n').Length == 0 ? [] : run.Output[..^1].Split('\n');
    }

    private static string?[] Texts(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(v => v.GetString())];

    private static long[] Numbers(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(v => v.GetInt64())];
}
