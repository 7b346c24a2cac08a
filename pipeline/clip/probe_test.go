package clip

import (
	"strings"
	"testing"
)

// TestProbeBelievesLittle: what a file says of itself is bounded.
func TestProbeBelievesLittle(t *testing.T) {
	video := func(more string) string {
		return `{"streams":[{"codec_type":"video","width":640,"height":480` + more + `}],"format":{"duration":"4"}}`
	}
	for _, tc := range []struct {
		json string
		want Info
	}{
		{video(`,"avg_frame_rate":"25/1","nb_frames":"100"`), Info{Width: 640, Height: 480, RateNum: 25, RateDen: 1, Frames: 100}},
		{video(`,"avg_frame_rate":"30000/1001","nb_frames":"N/A"`), Info{Width: 640, Height: 480, RateNum: 30000, RateDen: 1001, Frames: 119}},
		{video(`,"avg_frame_rate":"90000/1","r_frame_rate":"50/1"`), Info{Width: 640, Height: 480, RateNum: 50, RateDen: 1, Frames: 200}},
		{video(`,"avg_frame_rate":"1/3600"`), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"avg_frame_rate":"3000000001/100000001"`), Info{Width: 640, Height: 480, RateNum: 29999, RateDen: 1000, Frames: 119}},
		{video(`,"avg_frame_rate":"99999999999999999999/1"`), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"avg_frame_rate":"25/1","nb_frames":"-4"`), Info{Width: 640, Height: 480, RateNum: 25, RateDen: 1, Frames: 100}},
		{video(`,"avg_frame_rate":"25/1","nb_frames":"4000000000"`), Info{Width: 640, Height: 480, RateNum: 25, RateDen: 1, Frames: 100}},
		{video(`,"avg_frame_rate":"25/1","duration":"-1e300"`), Info{Width: 640, Height: 480, RateNum: 25, RateDen: 1, Frames: 100}},
		{strings.Replace(video(""), `"4"`, `"NaN"`, 1), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1}},
		{strings.Replace(video(""), `"4"`, `"1e99"`, 1), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1}},
		{video(`,"sample_aspect_ratio":"2:1"`), Info{Width: 1280, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"sample_aspect_ratio":"1:1000"`), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"sample_aspect_ratio":"0:1"`), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"sample_aspect_ratio":"4:-3"`), Info{Width: 640, Height: 480, RateNum: 30, RateDen: 1, Frames: 120}},
		{strings.Replace(video(`,"sample_aspect_ratio":"2:1"`), "640", "6000", 1), Info{Width: 6000, Height: 240, RateNum: 30, RateDen: 1, Frames: 120}},
		{video(`,"side_data_list":[{"rotation":-90}]`), Info{Width: 480, Height: 640, RateNum: 30, RateDen: 1, Frames: 120}},
	} {
		got, err := parseProbe([]byte(tc.json), "x")
		got.picture = picture{}
		if err != nil || got != tc.want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", tc.json, got, err, tc.want)
		}
	}
	for _, bad := range []string{
		"", "[]", `{"streams":[]}`, `{"streams":[{"codec_type":"audio"}]}`, strings.Replace(video(""), "640", "-640", 1),
		strings.Replace(video(""), "640", "8200", 1), strings.Replace(video(""), "640", "0", 1),
	} {
		if _, err := parseProbe([]byte(bad), "x"); err == nil {
			t.Errorf("%s is believed", bad)
		}
	}
}

func FuzzProbe(f *testing.F) {
	f.Add([]byte(`{"streams":[{"codec_type":"video","width":640,"height":480,"avg_frame_rate":"25/1","sample_aspect_ratio":"4:3","nb_frames":"100"}]}`))
	f.Add([]byte(`{"streams":[{"codec_type":"video","width":1,"height":8192,"duration":"1e99","side_data_list":[{"rotation":1e300}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		i, err := parseProbe(data, "x")
		if err != nil {
			return
		}
		if i.Width < 1 || i.Height < 1 || i.Width > maxSide || i.Height > maxSide || !(i.FPS() >= minRate && i.FPS() <= maxRate) ||
			i.RateNum > 1<<20 || i.Frames < 0 || i.Frames > maxFrames {
			t.Errorf("%+v", i)
		}
	})
}
